namespace Oktsec.Scanning;

/// <summary>Where scanned content stands: what travels to a backend, what describes a backend's offer, what a backend answers or asks.</summary>
public enum Place : byte
{
    /// <summary>Arguments of a call, an agent's answer to a server's request, anything on its way to a backend.</summary>
    Arguments,

    /// <summary>Tool, prompt, resource and template definitions, server instructions.</summary>
    Definition,

    /// <summary>Results, errors, resource contents, prompts, notifications, a server's own requests.</summary>
    Result,
}
