namespace Oktsec.TestServer.Tools;

/// <summary>A built-in tool.</summary>
/// <param name="Schema">Its input schema, as JSON.</param>
internal sealed record Tool(string Name, string Description, string Schema, Func<Request, Task> CallAsync)
{
    public const string NoArguments = """{"type":"object","properties":{}}""";

    public string Definition => $$"""{"name":"{{Name}}","description":{{Request.Quote(Description)}},"inputSchema":{{Schema}}}""";
}
