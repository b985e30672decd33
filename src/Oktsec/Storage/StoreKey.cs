using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Oktsec.Storage;

/// <summary>The secret beside the database (<c>oktsec.key</c>): argument hashes cannot be guessed, held content cannot be read, without it.</summary>
internal sealed class StoreKey
{
    public const string FileName = "oktsec.key";

    public const int KeyBytes = 32; // AES-256 and HMAC-SHA-256

    // NIST SP 800-38D: a random 96-bit nonce is safe for 2^32 items under one key; the tag is not shortened.
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private readonly ThreadLocal<IncrementalHash> _hmac; // setting one up costs as much as hashing a kilobyte
    private readonly byte[] _sealKey;

    public StoreKey(ReadOnlySpan<byte> secret)
    {
        var hashKey = Derive(secret, "oktsec argument hash v1"u8);
        _hmac = new(() => IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, hashKey));
        _sealKey = Derive(secret, "oktsec held content v1"u8);
    }

    /// <summary>Reads the key file of a database's folder, or creates it.</summary>
    /// <exception cref="StoreException">It may be written by others, or is no key.</exception>
    public static StoreKey Load(string databasePath)
    {
        var path = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(databasePath))!, FileName);
        OwnedFile.CreateFolderOf(path);
        if (!File.Exists(path))
            Create(path);
        OwnedFile.RefuseIfOthersWrite(path);
        var secret = File.ReadAllBytes(path);
        if (secret.Length != KeyBytes)
            throw new StoreException($"{path} is not a key file ({secret.Length} bytes instead of {KeyBytes}): restore it; without it held content cannot be opened");
        return new StoreKey(secret);
    }

    /// <summary>HMAC-SHA-256, lower-case hex: equal arguments are recognised, and short secrets in them cannot be found by trying.</summary>
    public string Hash(ReadOnlySpan<byte> data)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        var hmac = _hmac.Value!;
        hmac.AppendData(data);
        hmac.GetHashAndReset(hash);
        return Convert.ToHexStringLower(hash);
    }

    /// <summary>Encrypts; opens only with the same id, audit id and agent, so that items cannot be exchanged in the database.</summary>
    public byte[] Seal(ReadOnlySpan<byte> content, string id, string auditId, string agent)
    {
        var sealedContent = new byte[NonceBytes + TagBytes + content.Length];
        var nonce = sealedContent.AsSpan(0, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(_sealKey, TagBytes);
        aes.Encrypt(
            nonce, content, sealedContent.AsSpan(NonceBytes + TagBytes), sealedContent.AsSpan(NonceBytes, TagBytes), Context(id, auditId, agent));
        return sealedContent;
    }

    /// <exception cref="StoreException">Sealed under another key or for another item, or changed since.</exception>
    public byte[] Open(ReadOnlySpan<byte> sealedContent, string id, string auditId, string agent)
    {
        if (sealedContent.Length < NonceBytes + TagBytes)
            throw new StoreException($"the held content of {id} is damaged");
        var content = new byte[sealedContent.Length - NonceBytes - TagBytes];
        using var aes = new AesGcm(_sealKey, TagBytes);
        try
        {
            aes.Decrypt(
                sealedContent[..NonceBytes], sealedContent[(NonceBytes + TagBytes)..], sealedContent.Slice(NonceBytes, TagBytes), content, Context(id, auditId, agent));
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw new StoreException($"the held content of {id} does not open: it was changed, or {FileName} is not the key it was sealed with", e);
        }
        return content;
    }

    private static byte[] Derive(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> purpose)
    {
        var key = new byte[KeyBytes];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, key, salt: [], purpose);
        return key;
    }

    /// <summary>Each part after its length: ("ab", "c") and ("a", "bc") differ.</summary>
    private static byte[] Context(params ReadOnlySpan<string> parts)
    {
        using var bytes = new MemoryStream();
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (var part in parts)
        {
            var utf8 = Encoding.UTF8.GetBytes(part);
            BinaryPrimitives.WriteInt32LittleEndian(length, utf8.Length);
            bytes.Write(length);
            bytes.Write(utf8);
        }
        return bytes.ToArray();
    }

    /// <summary>Complete under its name or not at all, whoever else creates it at the same time or is killed half way.</summary>
    private static void Create(string path)
    {
        var draft = $"{path}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";
        try
        {
            using (var file = OwnedFile.OpenNew(draft, FileMode.CreateNew))
            {
                file.Write(RandomNumberGenerator.GetBytes(KeyBytes));
                file.Flush(flushToDisk: true);
            }
            OwnedFile.MoveToNew(draft, path);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process was first; its key is the key.
        }
        finally
        {
            File.Delete(draft);
        }
    }
}
