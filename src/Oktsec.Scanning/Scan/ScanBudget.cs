namespace Oktsec.Scanning.Scan;

/// <summary>What a scan may cost, so that no input takes more than time linear in its length; its end is a verdict of its own.</summary>
/// <remarks>Steps are bytes read by automata, about two nanoseconds each.</remarks>
internal static class ScanBudget
{
    /// <summary>A look at an anchor starts several automata.</summary>
    public const int StepsPerLook = 15;

    /// <summary>Placing, masking and telling of a match.</summary>
    public const int StepsPerHit = 600;

    /// <summary>A text with more matches than this is an attack on the log; the scan ends as if out of steps. A colourful listing of 1 MB has about 50,000.</summary>
    public const int MaxHits = 100_000;

    // Ordinary text needs 1 to 3 per byte; one letter repeated needs 20, and must not be held for that.
    private const long StepsPerByte = 30;

    // A short text may need more than its share, at most a millisecond: a file of 4 KB that is full of keys needed twice what its length allows.
    private const long FirstSteps = 400_000;

    // A definition is read once, when it is listed, by rules about words that stand in every description: at most 8 ms.
    private const long FirstStepsOfDefinition = 4_000_000;

    // Bytes that a short text may decode to.
    private const int FirstDecoded = 64 * 1024;

    /// <summary>Steps for a text of so many bytes.</summary>
    public static long Steps(Place place, int length) => (place == Place.Definition ? FirstStepsOfDefinition : FirstSteps) + StepsPerByte * length;

    /// <summary>Bytes that a text of so many bytes may be decoded to, all rounds together.</summary>
    public static int DecodedBytes(int length) => 2 * length + FirstDecoded;
}
