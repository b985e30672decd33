using System.CommandLine;
using System.Text.Json;
using Oktsec.Clients;
using Oktsec.Clients.Files;
using Oktsec.Clients.Servers;

namespace Oktsec.Commands;

/// <summary><c>oktsec discover</c>: the MCP clients of this machine, their servers, and which of them pass oktsec.</summary>
internal static class DiscoverCommand
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "For programs" };
        var command = new Command("discover", "Show the MCP clients on this machine, their servers, and which are protected") { json };
        command.SetAction(parsed => Run(Machine.Current(), parsed.GetValue(json), parsed.InvocationConfiguration.Output));
        return command;
    }

    internal static int Run(Machine machine, bool isJson, TextWriter output)
    {
        var clients = Discovery.Find(machine);
        if (isJson)
            JsonOutput.Print(output, json => Write(clients, machine, json));
        else
            Print(clients, machine, output);
        return ExitCodes.Fine;
    }

    public static string Word(Protection protection) => protection switch
    {
        Protection.Observe => "observed",
        Protection.Enforce => "enforced",
        Protection.Gateway => "gateway",
        _ => "no",
    };

    private static void Print(IReadOnlyList<FoundClient> clients, Machine machine, TextWriter output)
    {
        if (clients.Count == 0)
        {
            output.WriteLine("No MCP client found. Known: " + string.Join(", ", KnownClients.All.Select(c => c.Name)));
            return;
        }
        var rows = clients.SelectMany(c => c.Files.SelectMany(f => f.Servers.Select(s => (Client: c.Client, File: f, Server: s)))).ToArray();
        var cells = rows.Select(r => new[]
        {
            r.Client.Id, TerminalText.Escape(r.Server.Name) + (r.Server.IsDisabled ? " (disabled)" : ""), r.Server.Transport,
            r.Server.Risk.ToString().ToLowerInvariant(), Word(r.Server.Protection), TerminalText.Escape(r.File.Path),
        }).ToArray();
        var table = new TextTable(output, ("CLIENT", 12), ("SERVER", 12), ("TRANSPORT", 5), ("RISK", 8), ("PROTECTED", 8), ("FILE", 4));
        table.Fit(cells);
        if (cells.Length > 0)
            table.WriteHeading();
        foreach (var row in cells)
            table.Write(row);
        foreach (var file in clients.SelectMany(c => c.Files).Where(f => f.Problem is not null))
            output.WriteLine($"{TerminalText.Escape(file.Path)}: left alone: {TerminalText.Escape(file.Problem!)}");
        foreach (var (_, file, server) in rows.Where(r => r.Server.LeftAlone is not null))
            output.WriteLine($"{TerminalText.Escape(file.Path)}: \"{TerminalText.Escape(server.Name)}\" is left alone: {TerminalText.Escape(server.LeftAlone!)}");
        var empty = clients.Where(c => !c.HasServers && c.Files.All(f => f.Problem is null)).Select(c => c.Client.Name).ToArray();
        if (empty.Length > 0)
            output.WriteLine("Without servers: " + string.Join(", ", empty));
        foreach (var hooks in clients.Select(c => (c.Client.Name, State: HookState.Of(c, machine))).Where(h => h.State is not null).GroupBy(h => h.State!.Protection))
            output.WriteLine($"Own tools (shell, files, web): {string.Join(", ", hooks.Select(h => h.Name))}: {(hooks.Key == Protection.None ? "not asked about" : Word(hooks.Key))}");
        var open = rows.Count(r => r.Server.Protection == Protection.None);
        output.WriteLine(open == 0 ? $"All {rows.Length} servers pass oktsec." : $"{open} of {rows.Length} servers do not pass oktsec. See what would change: oktsec wrap --all --dry-run");
    }

    private static void Write(IReadOnlyList<FoundClient> clients, Machine machine, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartArray("clients");
        foreach (var found in clients)
        {
            json.WriteStartObject();
            json.WriteString("id", found.Client.Id);
            json.WriteString("name", found.Client.Name);
            json.WriteStartArray("files");
            foreach (var file in found.Files)
                Write(file, json);
            json.WriteEndArray();
            if (HookState.Of(found, machine) is { } hooks)
            {
                json.WriteStartObject("own_tools");
                json.WriteString("path", hooks.Path);
                json.WriteBoolean("protected", hooks.Protection != Protection.None);
                json.WriteString("protection", Word(hooks.Protection));
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(ClientFile file, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("path", file.Path);
        json.WriteString("scope", file.Place.IsProject ? "project" : "user");
        json.WriteString("problem", file.Problem);
        json.WriteString("warning", file.Warning);
        json.WriteStartArray("servers");
        foreach (var server in file.Servers)
        {
            json.WriteStartObject();
            json.WriteString("name", server.Name);
            json.WriteString("transport", server.Transport);
            json.WriteString("risk", server.Risk.ToString().ToLowerInvariant());
            json.WriteBoolean("protected", server.Protection != Protection.None);
            json.WriteString("protection", Word(server.Protection));
            json.WriteBoolean("disabled", server.IsDisabled);
            json.WriteString("left_alone", server.LeftAlone);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
