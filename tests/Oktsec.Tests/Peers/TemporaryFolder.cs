namespace Oktsec.Tests.Peers;

/// <summary>A folder under the system's temporary one, removed at the end.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("oktsec-peers-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
