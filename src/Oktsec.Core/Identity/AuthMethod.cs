namespace Oktsec.Core.Identity;

/// <summary>How we know who is calling, strongest last. Recorded with every decision.</summary>
public enum AuthMethod : byte
{
    /// <summary>Nobody said: the agent is <c>anonymous</c>.</summary>
    None,

    /// <summary>The <c>X-Oktsec-Agent</c> header from loopback: said, not proven.</summary>
    Header,

    /// <summary>The command line of a local door (proxy, hook): as strong as the user's own account.</summary>
    CommandLine,

    /// <summary>A bearer token or JWT.</summary>
    Token,
}
