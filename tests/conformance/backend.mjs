// The backend the suite drives. usage: node backend.mjs http | stdio
import { serve } from './serve.mjs';

serve(process.argv[2]);
