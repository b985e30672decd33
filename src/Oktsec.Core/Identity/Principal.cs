namespace Oktsec.Core.Identity;

/// <summary>The agent we believe is calling, and how we know. Policy looks up this only.</summary>
/// <param name="Agent">The agent's name, or <see cref="AnonymousName"/>.</param>
/// <param name="Method">How it was identified.</param>
/// <param name="TokenId">The token that proved it, or empty. Part of who it is: what one token opened, another does not continue.</param>
public sealed record Principal(string Agent, AuthMethod Method, string TokenId = "")
{
    public const string AnonymousName = "anonymous";

    public static Principal Anonymous { get; } = new(AnonymousName, AuthMethod.None);

    public bool IsAnonymous => Agent == AnonymousName;
}
