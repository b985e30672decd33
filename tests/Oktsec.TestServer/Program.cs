System.Console.Error.WriteLine("not yet");
