namespace Oktsec.Core.Identity;

/// <summary>The agent we believe is calling, and how we know. Policy looks up this only.</summary>
/// <param name="Agent">The agent's name, or <see cref="AnonymousName"/>.</param>
/// <param name="Method">How it was identified.</param>
public sealed record Principal(string Agent, AuthMethod Method)
{
    public const string AnonymousName = "anonymous";

    public static Principal Anonymous { get; } = new(AnonymousName, AuthMethod.None);

    public bool IsAnonymous => Agent == AnonymousName;
}
