using Oktsec.TestServer;
using Oktsec.TestServer.Http;
using Oktsec.TestServer.Stdio;

if (args.Contains("--help"))
{
    Console.Out.Write(Arguments.Help);
    return 0;
}
var arguments = Arguments.Parse(args);
if (arguments.Linger)
    return await Stubborn.LingerAsync();
Stubborn.Apply(arguments);
if (arguments.FailStart is { } code)
{
    await Console.Error.WriteLineAsync("TestServer: cannot start, as asked");
    return code;
}
var server = new ServerOptions(arguments, Script.Load(arguments.ScriptFile), Received.Open(arguments.ReceivedFile));
return arguments.Http ? await HttpHost.RunAsync(server) : await StdioHost.RunAsync(server);
