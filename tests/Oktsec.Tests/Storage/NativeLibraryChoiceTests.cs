using System.Runtime.InteropServices;
using Oktsec.Storage.Sqlite;

namespace Oktsec.Tests.Storage;

public sealed class NativeLibraryChoiceTests
{
    /// <summary>As in the published file: the library is no file, and no folder is written.</summary>
    [Fact]
    public void Library_FromMemory_IsTheOneThatIsShipped()
    {
        using var file = File.OpenRead(Path.Join(AppContext.BaseDirectory, "runtimes", RuntimeInformation.RuntimeIdentifier, "native", "libe_sqlite3.so"));

        var library = NativeLibraryChoice.LoadFromMemory(file);

        Assert.NotEqual(0, library);
        Assert.Equal(NativeLibraryChoice.ShippedVersion, NativeLibraryChoice.Call(library, "sqlite3_libversion_number"));
    }

    [Fact]
    public void Library_ThatIsNone_IsNotLoaded()
    {
        using var nothing = new MemoryStream("no library"u8.ToArray());

        Assert.Equal(0, NativeLibraryChoice.LoadFromMemory(nothing));
    }
}
