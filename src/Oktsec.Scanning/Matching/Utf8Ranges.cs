using System.Text;

namespace Oktsec.Scanning.Matching;

/// <summary>Splits a range of code points beyond ASCII into sequences of byte ranges, as UTF-8 writes them.</summary>
internal static class Utf8Ranges
{
    public static IEnumerable<(byte Low, byte High)[]> Split(int low, int high)
    {
        if (low > high)
            yield break;
        // Surrogates have no UTF-8 form.
        if (low < 0xD800 && high > 0xDFFF)
        {
            foreach (var part in Split(low, 0xD7FF))
                yield return part;
            foreach (var part in Split(0xE000, high))
                yield return part;
            yield break;
        }
        if (low is >= 0xD800 and <= 0xDFFF)
            low = 0xE000;
        if (high is >= 0xD800 and <= 0xDFFF)
            high = 0xD7FF;
        if (low > high)
            yield break;
        foreach (var limit in (int[])[0x7FF, 0xFFFF])
        {
            if (low > limit || high <= limit)
                continue;
            foreach (var part in Split(low, limit))
                yield return part;
            foreach (var part in Split(limit + 1, high))
                yield return part;
            yield break;
        }
        // Same length: cut where a block of continuation bytes is not wholly inside.
        for (var bits = 6; bits <= 18; bits += 6)
        {
            var mask = (1 << bits) - 1;
            if ((low & ~mask) == (high & ~mask))
                continue;
            var cut = (low & mask) != 0 ? low | mask : (high & mask) != mask ? (high & ~mask) - 1 : -1;
            if (cut < 0)
                continue;
            foreach (var part in Split(low, cut))
                yield return part;
            foreach (var part in Split(cut + 1, high))
                yield return part;
            yield break;
        }
        yield return Zip(low, high);
    }

    private static (byte Low, byte High)[] Zip(int low, int high)
    {
        Span<byte> first = stackalloc byte[4];
        Span<byte> last = stackalloc byte[4];
        var length = new Rune(low).EncodeToUtf8(first);
        new Rune(high).EncodeToUtf8(last);
        var ranges = new (byte, byte)[length];
        for (var i = 0; i < length; i++)
            ranges[i] = (first[i], last[i]);
        return ranges;
    }
}
