using Oktsec.Scanning;
using Oktsec.Scanning.Rules;
using Oktsec.Storage;
using Oktsec.Storage.Sqlite;

namespace Oktsec.Commands;

/// <summary>
/// What every verdict and every record needs takes a while when it is used for the first time: libraries are loaded, code and tables are read from disk. Commands that
/// judge have it used once on a thread of its own, while the command line and the configuration are read. Nothing depends on it.
/// </summary>
internal static class EarlyStart
{
    /// <summary>Whether the command that the arguments begin with judges messages or tool calls.</summary>
    public static bool Judges(string[] args) => args is ["hook" or "proxy" or "gateway" or "run" or "demo", ..];

    public static void Begin(string[] args)
    {
        if (Judges(args))
            new Thread(Use) { IsBackground = true, Name = "oktsec early" }.Start();
    }

    private static void Use()
    {
        try
        {
            _ = NativeLibraryChoice.Describe();
            _ = new StoreKey(stackalloc byte[StoreKey.KeyBytes]).Hash([]);
            // As little as a scan can be: a sample that uses parsers and decoders too took as long again as it saved (docs/decisions/0107).
            new ContentScanner(RuleSet.BuiltIn()).ScanJson("""{"a":"b"}"""u8, Place.Arguments, new ScanHints());
        }
        catch (Exception) // Whoever needs what is missing meets the same, and says so.
        {
        }
    }
}
