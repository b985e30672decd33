using System.Text;

namespace Oktsec.Configuration;

/// <summary>Reads a small text file that nobody else may write.</summary>
internal static class SafeText
{
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The text without a byte order mark, or what is wrong and what to do.</summary>
    public static (string? Text, string Problem, string Remedy) Read(string path, int maxBytes)
    {
        // By path first: opening a named pipe would wait for its writer.
        if (!File.Exists(path) && !Directory.Exists(path))
            return (null, "does not exist", "");
        if (FilePermissions.Check(path) is { } refused)
            return (null, refused.Problem, refused.Remedy);
        try
        {
            using var file = File.OpenHandle(path);
            if (FilePermissions.Check(path, file) is { } exchanged)
                return (null, exchanged.Problem, exchanged.Remedy);
            var buffer = new byte[maxBytes + 1];
            var length = ReadAll(file, buffer);
            if (length > maxBytes)
                return (null, $"is larger than {maxBytes} bytes", "");
            ReadOnlySpan<byte> bytes = buffer.AsSpan(0, length);
            return (s_strict.GetString(bytes.StartsWith(Encoding.UTF8.Preamble) ? bytes[3..] : bytes), "", "");
        }
        catch (DecoderFallbackException e)
        {
            return (null, $"is not UTF-8 text (byte {e.Index})", "save it as UTF-8");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, $"cannot be read: {e.Message}", $"ls -l {path}");
        }
    }

    private static int ReadAll(Microsoft.Win32.SafeHandles.SafeFileHandle file, byte[] buffer)
    {
        var length = 0;
        while (length < buffer.Length)
        {
            var read = RandomAccess.Read(file, buffer.AsSpan(length), length);
            if (read == 0)
                break;
            length += read;
        }
        return length;
    }
}
