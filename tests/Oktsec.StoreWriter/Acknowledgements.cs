using System.Text;

namespace Oktsec.StoreWriter;

/// <summary>One line per record on stdout: <c>e</c> for an entry, <c>o</c> for an outcome, <c>x</c> for a refusal, and the id.</summary>
internal static class Acknowledgements
{
    private static readonly Stream s_output = Console.OpenStandardOutput();

    // One write of less than 4096 bytes: whole or not at all in a pipe, whenever the process is killed (pipe(7), PIPE_BUF).
    public static void Tell(char kind, string id) => s_output.Write(Encoding.ASCII.GetBytes($"{kind} {id}\n"));
}
