FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
RUN apt-get update \
 && apt-get install --yes --no-install-recommends clang zlib1g-dev \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
RUN dotnet publish src/Detector.App --configuration Release --output /program \
 && rm -f /program/*.dbg

# Native code: no .NET runtime is needed, only what it stands on.
FROM mcr.microsoft.com/dotnet/runtime-deps:10.0
COPY --from=build /program /opt/detector
RUN install --directory --owner="$APP_UID" --group="$APP_UID" --mode=0700 /var/lib/detector
USER $APP_UID
# Ledger and spool are written to the working directory.
WORKDIR /var/lib/detector
VOLUME /var/lib/detector
ENTRYPOINT ["/opt/detector/detector"]
CMD ["run"]
