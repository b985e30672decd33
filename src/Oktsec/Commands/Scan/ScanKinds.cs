using Oktsec.Scanning;

namespace Oktsec.Commands.Scan;

/// <summary>What content is, as <c>--kind</c> and records say it.</summary>
internal static class ScanKinds
{
    public static IReadOnlyList<string> Names { get; } = ["arg", "description", "result"];

    /// <summary>Null when unknown.</summary>
    public static Place? Find(string name) => name switch
    {
        "arg" or "args" or "arguments" => Scanning.Place.Arguments,
        "description" or "definition" => Scanning.Place.Definition,
        "result" => Scanning.Place.Result,
        _ => null,
    };

    public static Place Place(string name) => Find(name) ?? Scanning.Place.Result;
}
