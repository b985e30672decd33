using System.Text;
using Oktsec.Clients.Documents;
using Oktsec.Clients.Servers;

namespace Oktsec.Clients.Files;

/// <summary>A client's file that exists: what is in it, or why we leave it alone.</summary>
internal sealed record ClientFile
{
    // Settings with the history of a year of projects are some MiB.
    public const int MaxBytes = 32 << 20;

    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>As the client names it.</summary>
    public required string Path { get; init; }

    /// <summary>Where it is, links followed.</summary>
    public required string RealPath { get; init; }

    public required Place Place { get; init; }

    public byte[] Bytes { get; init; } = [];

    /// <summary>Why the file is left alone, with the place in it; null when it is read.</summary>
    public string? Problem { get; init; }

    /// <summary>What should be known of a file that is used all the same.</summary>
    public string? Warning { get; init; }

    public Document? Document { get; init; }

    public IReadOnlyList<ClientServer> Servers { get; init; } = [];

    /// <summary>One that does not exist yet: no bytes, and an empty map to write into.</summary>
    public static ClientFile New(string path, Place place) =>
        new() { Path = path, RealPath = path, Place = place, Document = Document.Parse(DocumentFormat.Of(path), "{}\n") };

    /// <summary>Reads a file; null when there is none.</summary>
    public static ClientFile? Read(string path, Place place, Func<string, bool> isGateway)
    {
        var opened = SafeFile.Read(path, MaxBytes);
        if (opened is null)
            return null;
        var file = new ClientFile { Path = path, RealPath = opened.RealPath, Place = place, Bytes = opened.Bytes, Problem = opened.Problem, Warning = opened.Warning };
        return file.Problem is null ? file.Parse(isGateway) : file;
    }

    /// <summary>The same file with other content, as it would be read again.</summary>
    public ClientFile With(byte[] bytes, Func<string, bool> isGateway) => (this with { Bytes = bytes, Problem = null, Servers = [], Document = null }).Parse(isGateway);

    /// <summary>The bytes of a document in the place of this one's: a byte order mark stays.</summary>
    public byte[] BytesOf(Document document) => [.. Bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble : [], .. s_strict.GetBytes(document.Text)];

    private ClientFile Parse(Func<string, bool> isGateway)
    {
        ReadOnlySpan<byte> bytes = Bytes;
        string? text = null;
        try
        {
            text = s_strict.GetString(bytes.StartsWith(Encoding.UTF8.Preamble) ? bytes[3..] : bytes);
            var document = Document.Parse(DocumentFormat.Of(Path), text);
            return this with { Document = document, Servers = ServerReader.Read(document, Place, isGateway) };
        }
        catch (DecoderFallbackException e)
        {
            return this with { Problem = $"it is not UTF-8 text (byte {e.Index})" };
        }
        catch (DocumentException e)
        {
            var (line, column) = Document.PlaceOf(text!, e.At);
            return this with { Problem = $"line {line}, column {column}: {e.Message}" };
        }
    }
}
