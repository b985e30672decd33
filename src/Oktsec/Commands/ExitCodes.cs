namespace Oktsec.Commands;

/// <summary>What every command returns.</summary>
internal static class ExitCodes
{
    public const int Fine = 0;

    /// <summary>A finding, or something failed.</summary>
    public const int Failure = 1;

    /// <summary>Wrong usage or configuration.</summary>
    public const int Usage = 2;
}
