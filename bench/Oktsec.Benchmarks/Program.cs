using System.CommandLine;
using Oktsec.Benchmarks.Compare;
using Oktsec.Benchmarks.Echo;
using Oktsec.Benchmarks.Endure;
using Oktsec.Benchmarks.Micro;
using Oktsec.Benchmarks.Scanning;
using Oktsec.Benchmarks.Sessions;
using Oktsec.Benchmarks.StartUp;
using Oktsec.Benchmarks.StdioProxy;

// The echo server is started thousands of times: it must not wait for the command line library.
if (args is ["echo-server"])
    return EchoServer.Run();

var root = new RootCommand("oktsec's benchmarks; ./eng/bench runs them all")
{
    StartUpCommand.Create(),
    SessionsCommand.Create(),
    EndureCommand.Create(),
    CompareCommand.Create(),
    ProxyCommand.Create(),
    MicroCommand.Create(),
    ScanSpeedCommand.Create(),
    FloodCommand.Create(),
    ReloadCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
