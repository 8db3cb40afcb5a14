namespace Detector.Adapters.Aws;

/// <summary>What the SDK's pipeline has to know of SNS.</summary>
internal sealed class SnsConfig() : ThinConfig(Service, "sns", "2010-03-31")
{
    public const string Service = "SNS";
}
