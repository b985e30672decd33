using System.Buffers;
using Oktsec.Scanning.Fields;

namespace Oktsec.Scanning.Views;

/// <summary>All decoders of a field, in their order.</summary>
internal static class Decoders
{
    private static readonly IDecoder[] All =
    [
        new Base64Decoder(), new HexDecoder(), new Base32Decoder(), new TagDecoder(), new SpacedDecoder(), new EscapeDecoder<UrlEscapes>(), new EscapeDecoder<EntityEscapes>(),
        new EscapeDecoder<BackslashEscapes>(), new EscapeDecoder<QuotedPrintableEscapes>(),
    ];

    // Rows of a database are thousands of short fields. Nothing is encoded in a field below the shortest run that decodes, letters with something between
    // them (the others take 16 bytes and more), unless a sign stands in it that escapes or JSON begin with.
    private const int ShortestRun = (2 * SpacedDecoder.MinLetters) - 1;

    private static readonly SearchValues<byte> Signs =
        SearchValues.Create([UrlEscapes.Trigger, EntityEscapes.Trigger, BackslashEscapes.Trigger, QuotedPrintableEscapes.Trigger, (byte)'{', (byte)'[']);

    // Roles matter in arguments; elsewhere JSON in a string is worth a walk only for its escapes.
    private static readonly IDecoder JsonOfArguments = new JsonStringDecoder(onlyEscaped: false);
    private static readonly IDecoder JsonElsewhere = new JsonStringDecoder(onlyEscaped: true);

    /// <summary>Adds what is encoded in a field.</summary>
    /// <param name="buffer">Holds the field.</param>
    /// <param name="field">Which.</param>
    /// <param name="isArgument">It is a part of a call's arguments.</param>
    /// <param name="budget">Bytes that may still be decoded; negative when they did not suffice.</param>
    public static void Decode(ScanBuffer buffer, int field, bool isArgument, ref int budget)
    {
        var text = buffer.Text[buffer[field].Start..buffer[field].End];
        if (text.Length < ShortestRun && !text.ContainsAny(Signs))
            return;
        foreach (var decoder in All)
            decoder.Decode(buffer, field, ref budget);
        (isArgument ? JsonOfArguments : JsonElsewhere).Decode(buffer, field, ref budget);
    }
}
