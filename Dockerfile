FROM mcr.microsoft.com/dotnet/sdk:10.0-noble AS build
RUN apt-get update \
 && apt-get install --yes --no-install-recommends clang jq zlib1g-dev \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
# What git would tell is not in the context: docs/adr/0014.
ARG VERSION=0.1.0-source
RUN dotnet publish src/Detector.App --configuration Release --output /program -p:MinVerVersionOverride="$VERSION" \
 && rm -f /program/*.dbg /program/*.pdb \
 && scripts/third-party-notices > /program/THIRD-PARTY-NOTICES && cp LICENSE /program/ \
 && install --directory --owner=1654 --group=1654 --mode=0700 /state

# Native code: no .NET runtime is needed, only what it stands on. No shell and no package manager is in this image.
FROM mcr.microsoft.com/dotnet/runtime-deps:10.0-noble-chiseled
COPY --from=build /program /opt/detector
COPY --from=build --chown=1654:1654 /state /var/lib/detector
# Otherwise .NET makes a socket for debuggers in /tmp. Nothing else is written outside of the working directory, so the root may be read-only.
ENV DOTNET_EnableDiagnostics=0
USER 1654:1654
# Ledger and spool are written to the working directory.
WORKDIR /var/lib/detector
VOLUME /var/lib/detector
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s CMD ["/opt/detector/detector", "health"]
ENTRYPOINT ["/opt/detector/detector"]
CMD ["run"]
