using System.CommandLine;

namespace Oktsec.Benchmarks.Contenders;

/// <summary>The options that say where things are, shared by the commands.</summary>
internal sealed class Places
{
    private readonly Option<string> _oktsec = new("--oktsec")
    {
        Description = "The oktsec executable",
        DefaultValueFactory = _ => "artifacts/publish/oktsec",
    };

    private readonly Option<string> _nodeModules = new("--node-modules")
    {
        Description = "Where mcp-proxy and supergateway are installed",
        DefaultValueFactory = _ => "tests/peers/node_modules",
    };

    private readonly Option<string> _output = new("--output")
    {
        Description = "Folder for the results",
        DefaultValueFactory = _ => "artifacts/bench",
    };

    public Places(Command command)
    {
        command.Options.Add(_oktsec);
        command.Options.Add(_nodeModules);
        command.Options.Add(_output);
    }

    public KnownContenders From(ParseResult parsed) => new(
        Path.GetFullPath(parsed.GetValue(_oktsec)!),
        Path.GetFullPath(parsed.GetValue(_nodeModules)!),
        Directory.CreateTempSubdirectory("oktsec-bench-").FullName);

    public string Output(ParseResult parsed) => Path.GetFullPath(parsed.GetValue(_output)!);
}
