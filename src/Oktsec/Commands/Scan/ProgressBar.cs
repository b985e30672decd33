namespace Oktsec.Commands.Scan;

/// <summary>How far along, on a terminal; nothing otherwise.</summary>
/// <param name="error">Standard error: what is found goes elsewhere.</param>
/// <param name="isOn">Whether that is a terminal.</param>
internal sealed class ProgressBar(TextWriter error, bool isOn)
{
    private const int Width = 30;

    private int _shown = -1;

    public static ProgressBar OnTerminal(TextWriter error) => new(error, !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb");

    public void Show(int done, int of)
    {
        var percent = (int)(100L * done / Math.Max(1, of));
        if (!isOn || of < 2 || percent == _shown)
            return;
        _shown = percent;
        error.Write($"\r[{new string('#', Width * percent / 100)}{new string('.', Width - (Width * percent / 100))}] {done}/{of} files");
        if (done == of)
            Clear();
    }

    /// <summary>Makes room for a line; the next step shows it again.</summary>
    public void Clear()
    {
        if (!isOn || _shown < 0)
            return;
        error.Write("\r\e[K"); // ECMA-48, 8.3.41: erase in line
        _shown = -1;
    }
}
