namespace Oktsec.Clients.Wrapping;

internal static class AgentNames
{
    // As long as a name may be at every door.
    private const int MaxLength = 128;

    /// <summary>The name of a server as policies can say it: what cannot stand in an agent's name becomes a dash.</summary>
    public static string Of(string server)
    {
        var name = string.Concat(server.Take(MaxLength).Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' ? c : '-')).TrimStart('-', '.');
        return name.Length > 0 ? name : "server";
    }
}
