namespace Oktsec.TestServer;

/// <summary>Writes down every message as it came, so that a test can say what the server saw, or that it saw nothing.</summary>
internal sealed class Received
{
    private readonly Lock _lock = new();
    private readonly string? _file;

    private Received(string? file) => _file = file;

    public static Received Open(string? file)
    {
        if (file is not null)
            File.AppendAllBytes(file, []); // an empty file says "started, saw nothing"
        return new Received(file);
    }

    public void Add(ReadOnlySpan<byte> message)
    {
        if (_file is null)
            return;
        byte[] line = [.. message, (byte)'\n'];
        lock (_lock)
            File.AppendAllBytes(_file, line);
    }
}
