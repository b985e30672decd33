using System.CommandLine;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Oktsec.Benchmarks.Contenders;
using Oktsec.Benchmarks.Measure;

namespace Oktsec.Benchmarks.StartUp;

/// <summary><c>start-up</c>: from starting the process to the first good answer of <c>/health</c>.</summary>
internal static class StartUpCommand
{
    public static Command Create()
    {
        var runs = new Option<int>("--runs") { DefaultValueFactory = _ => 15 };
        var source = new Option<string>("--source")
        {
            Description = "The executable of the source build",
            DefaultValueFactory = _ => "src/Oktsec/bin/Release/net10.0/oktsec",
        };
        var command = new Command("start-up", "Measures the time from start to listening, of the published and the source build") { runs, source };
        var places = new Places(command);
        command.SetAction(parsed =>
        {
            using var known = places.From(parsed);
            var builds = new (string Name, KnownContenders Known)[]
            {
                ("published", known),
                ("source", known with { Oktsec = Path.GetFullPath(parsed.GetValue(source)!) }),
            };
            Console.WriteLine("| build | median ms | slowest ms | resident MB when listening |\n|---|---:|---:|---:|");
            foreach (var (name, build) in builds)
                Report(name, build, parsed.GetValue(runs));
        });
        return command;
    }

    private static void Report(string name, KnownContenders known, int runs)
    {
        if (!File.Exists(known.Oktsec))
        {
            Console.WriteLine($"| {name} | {known.Oktsec} is not there |||");
            return;
        }
        // One unmeasured start: the file system's cache then holds the program, as on any machine where it runs more than once.
        var all = Enumerable.Range(0, runs + 1).Select(_ => Once(known)).Skip(1).ToList();
        var times = all.Select(r => r.Time.TotalMilliseconds).Order().ToList();
        Console.WriteLine($"| {name} | {times[times.Count / 2]:F0} | {times[^1]:F0} | {all.Max(r => r.Resident) / 1048576.0:F0} |");
    }

    private static (TimeSpan Time, long Resident) Once(KnownContenders known)
    {
        var port = Ports.Free();
        var info = known.Gateway(port, shared: true);
        info.RedirectStandardError = info.RedirectStandardOutput = true;
        var start = Stopwatch.GetTimestamp();
        using var process = Process.Start(info)!;
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        while (!IsHealthy(port))
        {
            if (process.HasExited || Stopwatch.GetElapsedTime(start) > TimeSpan.FromSeconds(30))
                throw new InvalidOperationException($"{known.Oktsec} did not answer /health");
            Thread.Sleep(1); // the resolution of the result
        }
        var time = Stopwatch.GetElapsedTime(start);
        var resident = ProcessTree.Of(process.Id).ResidentBytes;
        Signals.Terminate(process);
        return (time, resident);
    }

    private static bool IsHealthy(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(IPAddress.Loopback, port);
            socket.Send(System.Text.Encoding.ASCII.GetBytes($"GET /health HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"));
            Span<byte> answer = stackalloc byte[64];
            var read = socket.Receive(answer);
            return answer[..read].StartsWith("HTTP/1.1 200"u8);
        }
        catch (SocketException)
        {
            return false; // not listening yet
        }
    }
}
