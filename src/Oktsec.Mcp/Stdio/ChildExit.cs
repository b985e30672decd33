namespace Oktsec.Mcp.Stdio;

/// <summary>How a child ended: its exit code, or the signal that ended it; neither when somebody else reaped it.</summary>
internal readonly record struct ChildExit(int? Code, int? Signal)
{
    public static ChildExit Unknown { get; } = new(null, null);

    public override string ToString() => this switch
    {
        { Code: { } code } => $"exited with code {code}",
        { Signal: { } signal } => $"was ended by {NameOf(signal)}",
        _ => "exited",
    };

    private static string NameOf(int signal) => signal switch
    {
        2 => "SIGINT",
        4 => "SIGILL",
        6 => "SIGABRT",
        7 => "SIGBUS",
        8 => "SIGFPE",
        9 => "SIGKILL",
        11 => "SIGSEGV",
        13 => "SIGPIPE",
        15 => "SIGTERM",
        _ => $"signal {signal}",
    };
}
