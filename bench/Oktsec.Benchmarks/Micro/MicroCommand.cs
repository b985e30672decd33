using System.CommandLine;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Oktsec.Benchmarks.Micro;

/// <summary><c>micro</c>: the steps of the hot path one by one, with what they allocate.</summary>
internal static class MicroCommand
{
    public static Command Create()
    {
        var filter = new Option<string>("--filter") { Description = "Names to run, as globs", DefaultValueFactory = _ => "*" };
        var command = new Command("micro", "Measures envelope, scan, pipeline and audit by themselves") { filter };
        command.SetAction(parsed =>
        {
            // In this process: the toolchain that builds a project for each job would build it outside our locked restore.
            var config = ManualConfig.CreateEmpty()
                .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
                .AddColumnProvider(DefaultColumnProviders.Instance)
                .AddDiagnoser(MemoryDiagnoser.Default)
                .AddExporter(MarkdownExporter.GitHub)
                .AddLogger(ConsoleLogger.Default)
                .WithArtifactsPath("artifacts/bench/micro");
            BenchmarkSwitcher.FromAssembly(typeof(MicroCommand).Assembly).Run(["--filter", parsed.GetValue(filter)!], config);
        });
        return command;
    }
}
