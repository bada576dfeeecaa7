"""The Messaging API's sending side and what an account may ask about itself and its friends."""
