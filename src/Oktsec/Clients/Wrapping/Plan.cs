using Oktsec.Clients.Files;
using Oktsec.Clients.Moving;
using Oktsec.Clients.Servers;

namespace Oktsec.Clients.Wrapping;

/// <summary>What <c>wrap</c> should make of the entries.</summary>
internal sealed record WrapOptions
{
    /// <summary>Deny, and inspect what servers answer; else observe.</summary>
    public bool Enforce { get; init; }

    /// <summary>Remote servers that send no key too: the user says that they need no sign-in.</summary>
    public bool Remote { get; init; }
}

/// <summary>Something that was not done, and why. <paramref name="IsProblem"/>: the user has to do something about it.</summary>
internal sealed record PlanNote(Client Client, string Path, string? Server, string Text, bool IsProblem);

/// <summary>What becomes of one file. No bytes at all: there is none.</summary>
/// <param name="Unwrapped">Its content without anything of ours: what the backup keeps. Null when unwrapping.</param>
/// <param name="Servers">The servers whose entries change.</param>
internal sealed record FileChange(Client Client, ClientFile File, byte[] After, byte[]? Unwrapped, IReadOnlyList<ClientServer> Servers);

/// <summary>What a command would do. Nothing is written until it is applied.</summary>
internal sealed record Plan(IReadOnlyList<FileChange> Changes, IReadOnlyList<PlanNote> Notes)
{
    /// <summary>The names that policies and records use for the servers that pass us.</summary>
    public IReadOnlyList<string> Agents { get; init; } = [];

    /// <summary>Servers that come to stand behind the gateway.</summary>
    public IReadOnlyList<FileMove> Moves { get; init; } = [];

    /// <summary>How many clients ask about their own tools once it is done.</summary>
    public int Hooked { get; init; }

    /// <summary>How many servers pass us once it is done, those that do already included.</summary>
    public int Protected { get; init; }
}
