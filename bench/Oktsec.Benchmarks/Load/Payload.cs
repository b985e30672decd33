namespace Oktsec.Benchmarks.Load;

/// <summary>One column of the comparison: which tool is called, with what.</summary>
/// <param name="Name">As the tables spell it.</param>
/// <param name="Tool">The echo server's tool.</param>
/// <param name="Arguments">Variants of the arguments object; callers take them in turn.</param>
/// <param name="MarkerAt">Where in each variant the marker's digits stand.</param>
internal sealed record Payload(string Name, string Tool, byte[][] Arguments, int MarkerAt)
{
    // 32: as many as the largest number of connections, so that neighbours never send the same text at once.
    private const int Variants = 32;

    // 95,000 characters are some 99,000 bytes once escaped: supergateway refuses bodies over 102,400 bytes.
    public static Payload[] All { get; } = [Note("1 KB args", 1_000), Note("100 KB args", 95_000), Report()];

    public static Payload ByName(string name) =>
        All.FirstOrDefault(p => p.Name.Replace(" ", "").StartsWith(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException($"no payload begins with \"{name}\"; there are {string.Join(", ", All.Select(p => p.Name))}");

    private static Payload Note(string name, int length)
    {
        ReadOnlySpan<byte> before = "{\"path\":\"notes/2025/summary.md\",\"text\":"u8;
        var arguments = new byte[Variants][];
        for (var i = 0; i < Variants; i++)
            arguments[i] = [.. before, .. Payloads.JsonText(seed: i, length), (byte)'}'];
        return new Payload(name, "write_note", arguments, before.Length + 1);
    }

    private static Payload Report()
    {
        ReadOnlySpan<byte> before = "{\"project\":\"warehouse\",\"marker\":\""u8;
        byte[] arguments = [.. before, .. "00000000\"}"u8];
        return new Payload("1 MB result", "read_report", [arguments], before.Length);
    }
}
