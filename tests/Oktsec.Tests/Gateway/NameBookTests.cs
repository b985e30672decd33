using Oktsec.Gateway;

namespace Oktsec.Tests.Gateway;

public sealed class NameBookTests
{
    [Fact]
    public void OtherThan_NamesOfTheBackendItself_AreLeftOut()
    {
        var names = Book(("files", ["read_file", "list_directory"]), ("other", ["read_file", "send_email"]));

        Assert.Equal(["send_email"], names.OtherThan("files"));
        Assert.Equal(["list_directory"], names.OtherThan("other"));
    }

    [Fact]
    public void OtherThan_AnotherBackendLearnt_IsANewObjectAndElseTheSame()
    {
        var names = Book(("files", ["read_file"]), ("late", []));
        var before = names.OtherThan("files");
        names.Learn("files", ["read_file"]);
        Assert.Same(before, names.OtherThan("files"));

        names.Learn("late", ["raed_file"]);

        Assert.NotSame(before, names.OtherThan("files"));
        Assert.Equal(["raed_file"], names.OtherThan("files"));
    }

    private static NameBook Book(params (string Backend, string[] Names)[] backends)
    {
        var book = new NameBook();
        book.Configure(backends.Select(b => b.Backend));
        foreach (var (backend, names) in backends)
            book.Learn(backend, names);
        return book;
    }
}
