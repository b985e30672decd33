using System.Text;

namespace Oktsec.Commands.Scan;

/// <summary>Lines and columns, both from 1, of offsets in a UTF-8 text; columns count UTF-16 units, as editors and SARIF do.</summary>
internal sealed class TextPlaces(byte[] text)
{
    private int _at;
    private int _line = 1;
    private int _column = 1;

    /// <remarks>Offsets in ascending order cost one pass over the text together.</remarks>
    public (int Line, int Column) Of(int offset)
    {
        offset = Math.Clamp(offset, 0, text.Length);
        if (offset < _at)
            (_at, _line, _column) = (0, 1, 1);
        ReadOnlySpan<byte> passed = text.AsSpan(_at, offset - _at);
        var lines = passed.Count((byte)'\n');
        if (lines > 0)
        {
            _line += lines;
            _column = 1;
            passed = passed[(passed.LastIndexOf((byte)'\n') + 1)..];
        }
        _column += Encoding.UTF8.GetCharCount(passed);
        _at = offset;
        return (_line, _column);
    }
}
