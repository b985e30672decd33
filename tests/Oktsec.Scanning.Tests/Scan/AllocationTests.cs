using System.Text;
using Oktsec.Scanning.Rules;

namespace Oktsec.Scanning.Tests.Scan;

/// <summary>What is clean costs no memory: scans of ordinary traffic must not feed the garbage collector.</summary>
public sealed class AllocationTests
{
    private static readonly ContentScanner Scanner = new(RuleSet.BuiltIn());

    [Theory]
    [InlineData(Place.Arguments)]
    [InlineData(Place.Definition)]
    [InlineData(Place.Result)]
    public void Scan_CleanText_AllocatesNothing(Place place)
    {
        var texts = RuleSet.ReadEmbedded().SelectMany(rule => rule.FalsePositives).Select(example => example.Text).Distinct().Select(Encoding.UTF8.GetBytes)
            // The runtime reads an IPv6 address into an object of its own.
            .Where(text => text.AsSpan().IndexOf("://["u8) < 0)
            // Words of half a rule, and far behind them those of the other.
            .SelectMany(text => (byte[][])[text, [.. text, .. Enumerable.Repeat((byte)'\n', 3), .. "Nothing to see here. "u8, .. text]])
            .ToList();
        var clean = 0;
        var dear = new List<string>();
        foreach (var text in texts)
        {
            // Buffers take their size, automata their states.
            if (!Scanner.ScanText(text, place, ScanHints.None).IsClean || !Scanner.ScanText(text, place, ScanHints.None).IsClean)
                continue;
            clean++;
            if (LeastAllocated(text, place) is var allocated and > 0)
                dear.Add($"{allocated} bytes for {Encoding.UTF8.GetString(text)}");
        }
        Assert.True(dear.Count == 0, string.Join("\n", dear));
        Assert.True(clean > 1000, $"{clean} of {texts.Count} are clean");
    }

    [Fact]
    public void ReleaseBuffers_LetsGoOfWhatALargeTextNeeded()
    {
        var text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("The boat left the harbour at noon. ", 30_000)));
        var scanner = new ContentScanner(RuleSet.BuiltIn());
        scanner.ScanText(text, Place.Result, ScanHints.None);
        Assert.InRange(Allocated(scanner, text, Place.Result), 0, text.Length / 2);
        scanner.ReleaseBuffers();
        Assert.InRange(Allocated(scanner, text, Place.Result), 2 * text.Length, long.MaxValue);
    }

    private static long Allocated(ContentScanner scanner, byte[] text, Place place)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        scanner.ScanText(text, place, ScanHints.None);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    // What a scan costs it costs each time. Once is not enough: the automata are shared with the tests that run beside this one, and may grow for their texts.
    private static long LeastAllocated(byte[] text, Place place)
    {
        var least = long.MaxValue;
        for (var i = 0; i < 5 && least > 0; i++)
        {
            least = Math.Min(least, Allocated(Scanner, text, place));
        }
        return least;
    }
}
