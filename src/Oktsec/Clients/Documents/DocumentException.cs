namespace Oktsec.Clients.Documents;

/// <summary>A text that is not what its file's name says, or that cannot be changed without changing more than was meant.</summary>
/// <param name="at">Index of the character where it goes wrong.</param>
internal sealed class DocumentException(int at, string message) : Exception(message)
{
    public int At => at;
}
