using Oktsec.Clients;
using Oktsec.Clients.Servers;
using Oktsec.Clients.Wrapping;
using Oktsec.Tests.Support;

namespace Oktsec.Tests.Clients;

/// <summary>A machine of any kind in a folder of the test's own: a home, a project, and the files in them.</summary>
internal sealed class TestMachine : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly Dictionary<string, string> _variables = [];

    public TestMachine(MachineKind kind = MachineKind.Linux, string program = "/opt/oktsec/oktsec")
    {
        Machine = new Machine
        {
            Kind = kind,
            Home = _folder["home"],
            CurrentFolder = _folder["project"],
            Variable = name => _variables.GetValueOrDefault(name),
            Program = [program],
        };
        Directory.CreateDirectory(Machine.Home);
        Directory.CreateDirectory(Machine.CurrentFolder);
    }

    public Machine Machine { get; }

    public string this[string path] => _folder[path];

    public void Set(string variable, string value) => _variables[variable] = value;

    /// <summary>Writes a file below home.</summary>
    public string Write(string path, string text)
    {
        var full = Path.Join(Machine.Home, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
        return full;
    }

    /// <summary>A machine with one client's file: a row of <see cref="ClientFixtures.All"/>.</summary>
    public static TestMachine Prepare(int fixture, out string path, out string client)
    {
        var (id, file, text) = ClientFixtures.All[fixture];
        var machine = new TestMachine();
        (path, client) = (machine.Write(file, text), id);
        return machine;
    }

    public IReadOnlyList<FoundClient> Find() => Discovery.Find(Machine);

    /// <summary>What that client starts now.</summary>
    public IReadOnlyList<ClientServer> Servers(string client) => [.. Assert.Single(Find(), c => c.Client.Id == client).Files.SelectMany(f => f.Servers)];

    /// <summary>Wraps everything that is found.</summary>
    public Plan Wrap(bool enforce = false)
    {
        var plan = new Wrapper(Machine).Wrap(Find(), new WrapOptions { Enforce = enforce });
        Assert.Empty(new PlanRunner(Machine).Run(plan));
        return plan;
    }

    public Plan Unwrap()
    {
        var plan = new Wrapper(Machine).Unwrap(Find());
        Assert.Empty(new PlanRunner(Machine).Run(plan));
        return plan;
    }

    public void Dispose() => _folder.Dispose();
}
