using System.CommandLine;
using System.Text;
using System.Text.RegularExpressions;
using Oktsec.Clients;
using Oktsec.Clients.Documents;
using Oktsec.Clients.Files;
using Oktsec.Clients.Moving;
using Oktsec.Clients.Servers;
using Oktsec.Clients.Wrapping;
using Oktsec.Core.Identity;

namespace Oktsec.Commands;

/// <summary>Shows what a plan would change, asks, and carries it out.</summary>
internal sealed class PlanDialog(Machine machine, InvocationConfiguration io)
{
    private const string Hidden = "[hidden]";

    // Shorter values are flags and numbers, and would be found all over a file.
    private const int MinSecretLength = 6;

    // The token that we put there ourselves.
    private static readonly Regex s_token = new(TokenSecret.Prefix + "[0-9a-f]+", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    private static readonly Regex s_userInfo = new(@"://[^/\s""'@]+@", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    /// <returns>The exit code.</returns>
    public int Run(Plan plan, bool isDryRun, bool isSure, string nothing, string done)
    {
        var ink = Ink.ForOutput();
        foreach (var change in plan.Changes)
            Show(change, ink);
        foreach (var (move, server) in plan.Moves.SelectMany(m => m.Servers.Select(s => (m, s))))
        {
            var secrets = server.Secrets.Count == 0 ? "" : $", {WrapCommand.Count(server.Secrets.Count, "secret")} beside it in {OwnServers.SecretsFolder}/";
            io.Output.WriteLine($"{machine.ConfigPath}: mcp_servers.{server.Name} for {move.Client.Name}{secrets}");
        }
        foreach (var note in plan.Notes)
            Tell(note);
        var problems = plan.Notes.Any(n => n.IsProblem);
        if (plan.Changes.Count == 0)
        {
            io.Output.WriteLine(nothing);
            return problems ? ExitCodes.Failure : ExitCodes.Fine;
        }
        if (isDryRun)
        {
            io.Output.WriteLine($"{WrapCommand.Count(plan.Changes.Count, "file")} would change. Nothing was written.");
            return problems ? ExitCodes.Failure : ExitCodes.Fine;
        }
        if (!isSure && IsTerminal && !Ask())
        {
            io.Output.WriteLine("Nothing was written.");
            return ExitCodes.Failure;
        }
        var failed = new PlanRunner(machine).Run(plan);
        foreach (var note in failed)
            Tell(note);
        if (failed.Count < plan.Changes.Count)
            io.Output.WriteLine(done);
        return problems || failed.Count > 0 ? ExitCodes.Failure : ExitCodes.Fine;
    }

    private static bool IsTerminal => !Console.IsInputRedirected && !Console.IsOutputRedirected;

    private bool Ask()
    {
        io.Output.Write("Write this? [y/N] ");
        return Console.In.ReadLine()?.Trim() is "y" or "Y" or "yes";
    }

    private void Show(FileChange change, Ink ink)
    {
        // What comes back is as secret as what goes.
        var after = change with { File = change.File.With(change.After, _ => false) };
        string[] secrets = [.. new[] { change, after }.Where(c => c.File.Document is not null)
            .SelectMany(c => SecretsOf(c).Concat(c.File.Servers.SelectMany(s => SecretArgument.Of(s.Proxy?.Command ?? s.Argv))))
            .Distinct().OrderByDescending(v => v.Length)];
        foreach (var line in UnifiedDiff.Lines(change.File.Path, TextOf(change.File.Bytes), TextOf(change.After)))
        {
            var shown = TerminalText.Escape(Masked(line.TrimEnd('\r'), secrets)).Replace("\\t", "\t", StringComparison.Ordinal);
            io.Output.WriteLine(line[0] switch { '+' => ink.Green(shown), '-' => ink.Red(shown), '@' => ink.Dim(shown), _ => shown });
        }
    }

    // What is a problem goes where problems go; the rest is for whoever reads the diff.
    private void Tell(PlanNote note)
    {
        var server = note.Server is null ? "" : $"\"{TerminalText.Escape(note.Server)}\" is left alone: ";
        (note.IsProblem ? io.Error : io.Output).WriteLine($"{TerminalText.Escape(note.Path)}: {server}{TerminalText.Escape(note.Text)}");
    }

    private static string TextOf(byte[] bytes) => Encoding.UTF8.GetString(bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? bytes.AsSpan(3) : bytes);

    // The values of variables and headers are keys more often than not, and a terminal's text is copied into reports.
    private static string[] SecretsOf(FileChange change)
    {
        var document = change.File.Document!;
        return [.. change.File.Servers.SelectMany(s => new[] { s.Entry[s.Shape.Env], s.Entry[s.Shape.Headers] }).OfType<MapNode>()
            .SelectMany(m => m.Members).Where(m => m.Value is TextNode { Value.Length: >= MinSecretLength }).Select(m => document.TextOf(m.Value).Trim('"', '\''))
            .Concat(change.File.Servers.Select(s => s.Url).OfType<string>().SelectMany(RemoteRewrite.SecretsOf))
            .Where(v => v.Length >= MinSecretLength).Distinct().OrderByDescending(v => v.Length)];
    }

    private static string Masked(string line, string[] secrets)
    {
        foreach (var secret in secrets)
            line = line.Replace(secret, Hidden, StringComparison.Ordinal);
        return s_userInfo.Replace(s_token.Replace(line, Hidden), $"://{Hidden}@");
    }
}
