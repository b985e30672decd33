namespace Oktsec.Demo;

/// <summary>One scene: what the agent does, and what must come of it.</summary>
/// <param name="Title">What a person should take from it.</param>
/// <param name="Act">Does it, and says what was done and what the agent saw.</param>
/// <param name="Target">The tool whose records tell the scene.</param>
/// <param name="Decision">The decision word that the record must show, else the demonstration failed.</param>
/// <param name="Reaches">How many calls may reach the server.</param>
internal sealed record DemoScene(string Title, Func<DemoAgent, CancellationToken, Task<DemoAct>> Act, string Target, string Decision, int Reaches);

/// <summary>What happened on the agent's side.</summary>
internal sealed record DemoAct(string Did, string Saw);
