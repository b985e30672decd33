using System.CommandLine;
using Oktsec.Clients;

namespace Oktsec.Commands;

/// <summary>Which clients a command is about: one by name, all, or one file.</summary>
internal sealed class ClientSelection
{
    private readonly Argument<string?> _client = new("client") { Description = "A client as oktsec discover names it", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<bool> _all = new("--all") { Description = "Every client found on this machine" };
    private readonly Option<string?> _file = new("--file") { Description = "One file with a list of servers, of whatever client" };

    public void AddTo(Command command)
    {
        command.Add(_client);
        command.Add(_all);
        command.Add(_file);
    }

    /// <summary>The clients that are meant; null when that is not clear, and then it was said what is.</summary>
    public IReadOnlyList<FoundClient>? Find(ParseResult parsed, Machine machine)
    {
        var (id, all, file, error) = (parsed.GetValue(_client), parsed.GetValue(_all), parsed.GetValue(_file), parsed.InvocationConfiguration.Error);
        if ((id is null ? 0 : 1) + (all ? 1 : 0) + (file is null ? 0 : 1) != 1)
        {
            var found = Discovery.Find(machine).Where(c => c.HasServers).Select(c => c.Client.Id).ToArray();
            error.WriteLine($"oktsec: name a client, or --all, or --file FILE. Found here: {(found.Length == 0 ? "none" : string.Join(", ", found))}");
            return null;
        }
        if (file is not null)
            return FindFile(Path.GetFullPath(file, machine.CurrentFolder), machine, error);
        if (all)
            return Discovery.Find(machine);
        if (KnownClients.Find(id!) is not { } client)
        {
            error.WriteLine($"oktsec: no client is called \"{TerminalText.Escape(id!)}\". Known: {string.Join(", ", KnownClients.All.Select(c => c.Id))}");
            return null;
        }
        if (Discovery.Find(machine, [client]) is { Count: > 0 } one)
            return one;
        error.WriteLine($"oktsec: {client.Name} has no file on this machine. It would be one of: {string.Join(", ", client.Places.SelectMany(p => p.Files(machine)))}");
        return null;
    }

    private static IReadOnlyList<FoundClient>? FindFile(string path, Machine machine, TextWriter error)
    {
        // A file that a known client reads is read as that client reads it.
        if (Discovery.Find(machine, [AnyClient.At(path, machine)]) is { Count: > 0 } found)
            return found;
        error.WriteLine($"oktsec: there is no file {TerminalText.Escape(path)}");
        return null;
    }
}
