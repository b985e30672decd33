namespace Oktsec.Core.Configuration.Yaml;

/// <summary>The text is not the YAML we read; nothing after this place was looked at.</summary>
internal sealed class YamlFault(Mark mark, KeyPath path, string message, string remedy = "") : Exception(message)
{
    public Mark Mark { get; } = mark;

    public KeyPath Path { get; } = path;

    public string Remedy { get; } = remedy;
}
