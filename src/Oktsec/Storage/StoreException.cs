namespace Oktsec.Storage;

/// <summary>The store or its key file cannot be used as it is; the message says what to do.</summary>
internal sealed class StoreException(string message, Exception? inner = null) : Exception(message, inner);
