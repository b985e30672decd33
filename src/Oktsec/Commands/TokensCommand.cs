using System.CommandLine;
using Oktsec.Core.Audit;
using Oktsec.Gateway;
using Oktsec.Identity;
using Oktsec.Storage;
using Oktsec.Storage.Sqlite;

namespace Oktsec.Commands;

/// <summary><c>oktsec tokens</c>: by which agents prove at the gateway who they are.</summary>
internal static class TokensCommand
{
    public static Command Create() => Create(TimeProvider.System);

    internal static Command Create(TimeProvider time) =>
        new("tokens", "Tokens by which agents prove who they are; a running gateway follows at once.") { New(time), List(time), Revoke(time) };

    private static Command New(TimeProvider time)
    {
        var agent = new Argument<string>("AGENT") { Description = "The name that policies and records use" };
        var expires = new Option<string?>("--expires") { Description = $"When it ends: {ExpiryArgument.Help}; default never" };
        var json = new Option<bool>("--json") { Description = "One JSON object" };
        var command = new Command("create", "Make a token for an agent. It is shown once and not kept.") { agent, expires, json };
        return Using(command, time, mayCreate: true, async (parsed, options, store) =>
        {
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            var name = parsed.GetRequiredValue(agent);
            if (!AgentIdentity.IsName(name))
            {
                await error.WriteLineAsync("oktsec: AGENT takes letters, digits, '.', '_' and '-', at most 128 of them");
                return ExitCodes.Usage;
            }
            DateTimeOffset? until = null;
            if (parsed.GetValue(expires) is { } text && (until = ExpiryArgument.Parse(text, time.GetUtcNow())) is null)
            {
                await error.WriteLineAsync($"oktsec: --expires {TerminalText.Escape(text)} is no time to come; write {ExpiryArgument.Help}");
                return ExitCodes.Usage;
            }
            var (token, secret) = await TokenDesk.IssueAsync(store, name, until, time);
            TokenText.Show(output, token, secret, parsed.GetValue(json));
            if (options.Agents(parsed) is { } agents && !agents.Contains(name))
                await error.WriteLineAsync($"oktsec: agents: does not name {name}, so the gateway will deny it; add it to the configuration");
            return ExitCodes.Fine;
        });
    }

    private static Command List(TimeProvider time)
    {
        var json = new Option<bool>("--json") { Description = "One JSON object per line" };
        var command = new Command("list", "The tokens there are; never the tokens themselves.") { json };
        return Using(command, time, mayCreate: false, (parsed, _, store) =>
        {
            TokenText.List(parsed.InvocationConfiguration.Output, store.ReadTokens(), time.GetUtcNow(), parsed.GetValue(json));
            return Task.FromResult(ExitCodes.Fine);
        });
    }

    private static Command Revoke(TimeProvider time)
    {
        var id = new Argument<string>("ID") { Description = "The token's id; oktsec tokens list shows them" };
        var forget = new Option<bool>("--forget") { Description = "Strike it from the list too; after its last token an agent's name need not be proven any more" };
        var command = new Command("revoke", "End a token, at once and for good.") { id, forget };
        return Using(command, time, mayCreate: false, async (parsed, _, store) =>
        {
            var asked = parsed.GetRequiredValue(id);
            if (await TokenDesk.EndAsync(store, asked, parsed.GetValue(forget), time) is not { } token)
            {
                await parsed.InvocationConfiguration.Error.WriteLineAsync($"oktsec: no token has the id {TerminalText.Escape(asked)}; oktsec tokens list names them");
                return ExitCodes.Failure;
            }
            await parsed.InvocationConfiguration.Output.WriteLineAsync(
                parsed.GetValue(forget) ? $"forgot {token.Id} of {token.Agent}" : token.Revoked is null ? $"revoked {token.Id} of {token.Agent}" : $"{token.Id} of {token.Agent} was revoked before");
            return ExitCodes.Fine;
        });
    }

    private static Command Using(Command command, TimeProvider time, bool mayCreate, Func<ParseResult, StoreOptions, SqliteStore, Task<int>> act)
    {
        var options = new StoreOptions();
        options.AddTo(command);
        command.SetAction(async (parsed, _) =>
        {
            await using var store = options.Open(parsed, time, out var exitCode, mayCreate);
            if (store is null)
                return exitCode;
            try
            {
                return await act(parsed, options, store);
            }
            catch (Exception e) when (e is StoreException or AuditUnavailableException)
            {
                await parsed.InvocationConfiguration.Error.WriteLineAsync($"oktsec: {e.Message}");
                return ExitCodes.Failure;
            }
        });
        return command;
    }
}
