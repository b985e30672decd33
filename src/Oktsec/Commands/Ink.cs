namespace Oktsec.Commands;

/// <summary>Colours for a terminal, nothing otherwise.</summary>
/// <param name="isOn">Whether escape sequences are written.</param>
internal sealed class Ink(bool isOn)
{
    /// <summary>Colours only on a terminal, and never against <see href="https://no-color.org">NO_COLOR</see>.</summary>
    public static Ink ForOutput() => new(
        !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) && Environment.GetEnvironmentVariable("TERM") != "dumb");

    public string Bold(string text) => Paint("1", text);

    public string Red(string text) => Paint("31", text);

    public string Green(string text) => Paint("32", text);

    public string Yellow(string text) => Paint("33", text);

    public string Dim(string text) => Paint("2", text);

    // ECMA-48, 8.3.117: select graphic rendition.
    private string Paint(string code, string text) => isOn ? $"\e[{code}m{text}\e[0m" : text;
}
