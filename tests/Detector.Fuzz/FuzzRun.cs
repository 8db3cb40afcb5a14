namespace Detector.Fuzz;

/// <summary>What was asked for.</summary>
/// <param name="Time">How long each reader is fed.</param>
/// <param name="Seed">Where chance begins.</param>
/// <param name="IsBlind">Whether nothing is learnt of what inputs reach.</param>
internal sealed record FuzzRun(TimeSpan Time, int Seed, bool IsBlind);
