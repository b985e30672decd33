namespace Oktsec.Tests.Support;

/// <summary>The program that tests start. <c>./test</c> names the published one, so that what users download is what is tested; otherwise the one built with the tests.</summary>
internal static class OktsecProgram
{
    public static string Path { get; } = Environment.GetEnvironmentVariable("OKTSEC_UNDER_TEST") is { Length: > 0 } named
        ? named
        : System.IO.Path.Join(AppContext.BaseDirectory, "oktsec");
}
