using System.Security.Cryptography;

namespace Oktsec.Gateway;

/// <summary>Fresh ids for records: 64 random bits, so that those of several gateways do not meet. 16 lower-case hexadecimal digits.</summary>
internal static class RecordIds
{
    private const int IdBytes = 8;

    // Drawn at once: what a draw costs (a system call among others) hardly depends on how many bytes it is for.
    private const int DrawnIds = 64;

    [ThreadStatic]
    private static byte[]? t_drawn;

    [ThreadStatic]
    private static int t_left;

    public static string New()
    {
        if (t_left == 0)
        {
            RandomNumberGenerator.Fill(t_drawn ??= new byte[DrawnIds * IdBytes]);
            t_left = DrawnIds;
        }
        return Convert.ToHexStringLower(t_drawn.AsSpan(--t_left * IdBytes, IdBytes));
    }
}
