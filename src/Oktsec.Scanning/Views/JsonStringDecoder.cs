using Oktsec.Scanning.Fields;

namespace Oktsec.Scanning.Views;

/// <summary>Walks a string that is itself JSON, so that its keys, roles and escapes count.</summary>
/// <param name="onlyEscaped">Read only what has escapes: without them the text as it stands holds the same words.</param>
internal sealed class JsonStringDecoder(bool onlyEscaped) : IDecoder
{
    public void Decode(ScanBuffer buffer, int field, ref int budget)
    {
        if (buffer[field].IsKey)
            return;
        var text = buffer.Text[buffer[field].Start..buffer[field].End];
        var trimmed = text.Trim(" \n\r\t"u8);
        if (trimmed.Length < 2 || !(trimmed[0] == '{' && trimmed[^1] == '}') && !(trimmed[0] == '[' && trimmed[^1] == ']'))
            return;
        if (onlyEscaped && !trimmed.Contains((byte)'\\'))
            return;
        if (text.Length > budget)
        {
            budget = -1;
            return;
        }
        var before = buffer.Mark();
        if (FieldWalker.TryWalk(text, buffer, FieldRoleSource.ByName, field))
            budget -= text.Length;
        else
            buffer.Reset(before);
    }
}
